"""What the alert rule does in drawn years: how often it speaks, whether that stands, how soon; and the rule before."""
