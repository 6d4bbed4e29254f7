# Install rules: `cmake --install` gives find_package(wordline) with one target a room.
