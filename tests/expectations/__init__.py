"""Tests of the room that decides whether a delivery may be believed."""
