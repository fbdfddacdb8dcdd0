"""Code systems: diagnoses, medicines, vaccines, allergens, measurements. Knows no person."""
