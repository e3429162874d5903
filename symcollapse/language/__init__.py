"""The words of the theory: symbols, quantities, spectra, targets, problems and their files, references."""
