"""What a provider hands over: how it comes, what it is called, how it is wrapped and written, and how it leaves."""
