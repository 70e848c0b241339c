"""The paper of a year: the tables of a needs assessment, from a copy for analysts. Pure."""
