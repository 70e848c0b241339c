"""The report of a quarter: one page to print and one workbook, from a copy for analysts. Pure."""
