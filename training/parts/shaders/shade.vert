#version 330
uniform mat4 to_light;
in vec3 position;
void main() { gl_Position = to_light * vec4(position, 1.0); }
