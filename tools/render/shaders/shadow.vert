#version 330
// The body pressed flat onto the floor along the light; what is higher up darkens less.
uniform vec3 light; uniform float shadow_reach;
in vec3 position;
out float height;
void main() {
    vec2 on_floor = position.xz - light.xz / light.y * max(position.y, 0.0);
    height = position.y;
    gl_Position = vec4(on_floor / shadow_reach, 0.0, 1.0);
}
