#version 330
// A plain room: painted walls with a skirting board, a window and two pictures; a floor with soft shadows.
in vec3 at; flat in vec3 facing;
uniform vec3 wall; uniform vec3 floor_colour; uniform vec3 mat_colour; uniform vec4 mat_area; uniform float mat_turn;
uniform float planks; uniform float half_room; uniform sampler2D shadow; uniform float shadow_reach;
out vec4 colour;

float hash(float x) { return fract(sin(x * 91.345) * 47453.5453); }
float box(vec2 p, vec2 half_size) { vec2 d = abs(p) - half_size; return max(d.x, d.y); }
float inside(float d) { float w = max(fwidth(d), 1e-4); return 1.0 - smoothstep(-w, w, d); }

vec3 boards(vec2 p) {
    float row = floor(p.x / 0.14);
    float along = p.y + 1.7 * hash(row);
    float board = row * 7.0 + floor(along / 1.25);
    float gap = min(abs(fract(p.x / 0.14 + 0.5) - 0.5) * 0.14, abs(fract(along / 1.25 + 0.5) - 0.5) * 1.25);
    float line = 1.0 - smoothstep(0.001, 0.004 + fwidth(p.x), gap);
    return floor_colour * (0.93 + 0.14 * hash(board)) * (1.0 - 0.22 * line);
}

vec3 ground() {
    vec3 c = planks > 0.5 ? boards(at.xz) : floor_colour;
    float a = radians(mat_turn);
    vec2 q = mat2(cos(a), sin(a), -sin(a), cos(a)) * (at.xz - mat_area.xy);
    float edge = box(q, mat_area.zw - 0.03) - 0.03;
    c = mix(c, mat_colour * (1.0 - 0.12 * inside(abs(edge + 0.012) - 0.004)), inside(edge));
    return c * (1.0 - 0.10 * smoothstep(1.0, 4.5, length(at.xz))) * (1.0 - 0.62 * texture(shadow, at.xz / (2.0 * shadow_reach) + 0.5).r);
}

vec3 side() {
    float s = dot(at, vec3(facing.z, 0.0, -facing.x));
    vec3 c = wall * (0.86 + 0.09 * at.y / 2.7) * (1.0 - 0.05 * smoothstep(0.5, 4.0, abs(s)));
    float number = facing.z * 1.0 + facing.x * 2.0;
    vec2 p = vec2(s, at.y);
    if (abs(number) > 1.5) {  // a window
        float frame = box(p - vec2(-0.9, 1.55), vec2(0.95, 0.70));
        vec3 sky = mix(vec3(0.72, 0.80, 0.84), vec3(0.62, 0.75, 0.90), clamp((at.y - 0.8) / 1.5, 0.0, 1.0));
        c = mix(c, vec3(0.80), inside(frame));
        float pane = box(vec2(abs(p.x + 0.9) - 0.47, p.y - 1.55), vec2(0.41, 0.62));
        c = mix(c, sky, inside(pane));
    } else {  // two pictures
        float a = box(p - vec2(1.25, 1.62), vec2(0.36, 0.48)), b = box(p - vec2(-1.55, 1.62), vec2(0.44, 0.32));
        c = mix(c, vec3(0.16, 0.15, 0.14), inside(min(a, b)));
        c = mix(c, vec3(0.66, 0.65, 0.61), inside(min(a, b) + 0.025));
        float hill = 1.55 + 0.10 * sin(p.x * 5.0) + 0.05 * sin(p.x * 11.0);
        vec3 art = mix(vec3(0.42, 0.50, 0.46), vec3(0.70, 0.62, 0.50), smoothstep(hill - 0.01, hill + 0.01, p.y));
        c = mix(c, art, inside(min(a, b) + 0.09));
    }
    float skirting = inside(at.y - 0.09);
    c = mix(c, vec3(0.72, 0.71, 0.69), skirting) * (1.0 - 0.35 * inside(abs(at.y - 0.093) - 0.003));
    return c * (0.82 + 0.18 * smoothstep(0.0, 0.5, at.y));
}

void main() {
    vec3 c = facing.y > 0.5 ? ground() : facing.y < -0.5 ? vec3(0.74) : side();
    colour = vec4(pow(clamp(c, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}
