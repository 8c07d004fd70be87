#version 330
in float height;
out vec4 colour;
void main() { colour = vec4(mix(1.0, 0.42, clamp(height / 1.1, 0.0, 1.0))); }
