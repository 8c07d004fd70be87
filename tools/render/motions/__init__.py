"""The movements: exercises on the feet, of the arms, on the floor; and what people do in daily life."""
