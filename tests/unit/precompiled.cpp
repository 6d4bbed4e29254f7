// Carries the precompiled test headers for every test program.
