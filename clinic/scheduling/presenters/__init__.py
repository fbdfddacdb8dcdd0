"""Display-ready values for one partial each. No queries, no clock, no request."""
