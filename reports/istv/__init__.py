"""The paper of hospitals: what each gets back on its assault attendances, from a copy for analysts. Pure."""
