"""The movements, grouped by how the body meets the floor: on its feet, with its arms, on the ground, in daily life."""
