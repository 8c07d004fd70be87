#version 330
// Vertices arrive posed; `rest` and `zone` stay as they are at rest, so that clothes keep their edges.
uniform mat4 camera;
in vec3 position; in vec3 normal; in vec3 rest; in vec4 zone;
out vec3 at; out vec3 facing; out vec3 body; out float arm; flat out float layer; out float reach; flat out float chain;
void main() {
    gl_Position = camera * vec4(position, 1.0);
    at = position; facing = normal; body = rest; arm = zone.x; layer = zone.y; reach = zone.z; chain = zone.w;
}
