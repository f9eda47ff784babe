"""The doors: command line, HTTP and web page; they decide nothing."""
