"""Set-up and checks for people who work on sw_notebook; standard library only."""
