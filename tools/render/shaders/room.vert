#version 330
uniform mat4 camera;
in vec3 position; in vec3 normal;
out vec3 at; flat out vec3 facing;
void main() { gl_Position = camera * vec4(position, 1.0); at = position; facing = normal; }
