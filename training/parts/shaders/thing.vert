#version 330
uniform mat4 camera;
in vec3 position; in vec3 normal; in vec2 uv; in vec3 tint; in vec2 material;
out vec3 at; out vec3 facing; out vec2 place; out vec3 dye; flat out vec2 made_of;
void main() {
    gl_Position = camera * vec4(position, 1.0);
    at = position; facing = normal; place = uv; dye = tint; made_of = material;
}
