"""The paper of a quarter: the figures that the Board is told, from a copy for analysts. Pure."""
