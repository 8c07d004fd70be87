#version 330
in vec3 at; in vec3 facing;
uniform vec3 eye; uniform vec3 light; uniform vec3 tint;
out vec4 colour;
void main() {
    vec3 n = normalize(facing), v = normalize(eye - at);
    float key = max(dot(n, light), 0.0);
    float shine = 0.35 * pow(max(dot(normalize(light + v), n), 0.0), 30.0);
    vec3 lit = tint * (0.75 * key + 0.34 + 0.12 * n.y + 0.1 * max(dot(n, v), 0.0)) + shine;
    colour = vec4(pow(clamp(lit, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}
