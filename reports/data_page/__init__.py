"""The page docs/data.md: every table, column, unit and key of the copy for analysts, made from what declares them."""
