"""What the paper of a quarter asks of a copy for analysts."""

from typing import Final

QUARTERS: Final = "SELECT DISTINCT quarter FROM kpi_quarterly WHERE numerator IS NOT NULL ORDER BY quarter"
FIGURES: Final = """
SELECT k.*, b.numerator AS numerator_last_year
FROM kpi_quarterly k
LEFT JOIN kpi_quarterly b ON b.kpi_set = '2024' AND b.kpi_id = k.kpi_id AND b.geography = k.geography
    AND b.definition = k.definition AND b.unit = k.unit AND b.age = k.age
    AND b.quarter = (left(k.quarter, 4)::INTEGER - 1)::VARCHAR || right(k.quarter, 2)
WHERE k.quarter = ?
"""
LISTING: Final = """
SELECT quarter, definition, kpi_id, unit, numerator, n_days, n_days_covered, is_final FROM kpi_quarterly
WHERE kpi_id IN ('homicide', 'homicide_knife') AND kpi_set = '2024' AND geography = 'area'
  AND list_contains(?, quarter)
ORDER BY definition, quarter DESC, kpi_id, unit
"""
