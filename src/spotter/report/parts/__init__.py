"""What is made of part maps: pictures, label maps, COCO's JSON and tables of areas."""
