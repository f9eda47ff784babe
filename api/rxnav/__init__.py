"""The addresses of RxNav's interaction service that ended in January 2024, answered from here."""
