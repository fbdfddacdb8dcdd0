"""Reads the official files of code systems and puts them into the database."""
