"""Why a guess is made: the training facts that move it most."""
