"""What runs the service elsewhere: containers, copies, and the cluster rehearsal."""
