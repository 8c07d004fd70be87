#version 330
uniform mat4 camera; uniform mat4 model;
in vec3 position; in vec3 normal;
out vec3 at; out vec3 facing;
void main() {
    vec4 world = model * vec4(position, 1.0);
    gl_Position = camera * world;
    at = world.xyz; facing = normalize(inverse(transpose(mat3(model))) * normal);
}
