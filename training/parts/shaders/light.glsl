// One far light with shadows, a second without, and what comes from the sky and the floor.
uniform vec3 eye;
uniform vec3 light; uniform vec3 light_colour;
uniform vec3 lamp; uniform vec3 lamp_colour;
uniform vec3 sky; uniform vec3 ground;
uniform vec3 panes;  // the key light falls through a window: panes a metre (x, y) and how dark its bars are
uniform mat4 to_light; uniform sampler2DShadow shade;

vec3 lit(vec3 surface, vec3 n, vec3 at, float gloss) {
    vec3 v = normalize(eye - at);
    float facing_light = dot(n, light);
    vec3 q = (to_light * vec4(at + n * 0.015, 1.0)).xyz * 0.5 + 0.5;
    float open = 1.0;
    if (all(greaterThan(q, vec3(0.0))) && all(lessThan(q, vec3(1.0)))) open = texture(shade, vec3(q.xy, q.z - 0.004));
    vec2 pane = abs(fract(q.xy * panes.xy) - 0.5);
    open *= 1.0 - panes.z * step(0.4, max(pane.x, pane.y));
    float key = clamp(facing_light * 0.85 + 0.15, 0.0, 1.0) * mix(0.12, 1.0, open);
    float second = max(dot(n, lamp), 0.0);
    float low = mix(0.7, 1.0, smoothstep(0.0, 0.4, at.y));
    vec3 around = mix(ground, sky, n.y * 0.5 + 0.5) * low;
    float mirror = max(dot(normalize(light + v), n), 0.0);
    mirror *= mirror; mirror *= mirror; mirror *= mirror;
    float shine = gloss * mirror * mirror * open;
    return surface * (key * light_colour + second * lamp_colour + around) + shine * light_colour;
}

vec4 seen(vec3 c) { return vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0); }  // a gamma of 2 is near enough, and fast
vec3 paint(vec3 c) { return c * c; }
