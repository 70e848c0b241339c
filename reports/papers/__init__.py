"""What is printed of a quarter, a year or a hospital: one page and one workbook of the same figures. Pure."""
