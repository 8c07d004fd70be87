#version 330
// Skin, clothes, hair and face by where a point lies on the body at rest; one key light and a sky.
in vec3 at; in vec3 facing; in vec3 body; in float arm; flat in float layer;
uniform vec3 eye; uniform vec3 light;
uniform vec3 skin; uniform vec3 top; uniform vec3 bottom; uniform vec3 shoe; uniform vec3 hair;
uniform vec3 neck;      // middle of the neckline
uniform vec3 face;      // middle of the left eye
uniform vec3 nape;      // middle of the head
uniform float waist; uniform float hem; uniform float sleeve; uniform float shoe_top; uniform float hair_end;
out vec4 colour;

bool shirt(float spare) {
    float open = length((body - neck) * vec3(1.0, 0.9, 0.8));
    return body.y > waist + spare && arm < sleeve - spare * 3.0 && open > 0.082 + spare && body.y < neck.y + 0.02 - spare;
}
bool trousers(float spare) { return body.y <= waist + spare && body.y > hem + spare && arm < 0.02; }
bool shod(float spare) { return body.y < shoe_top - spare; }

vec3 skin_colour() {
    vec3 c = skin;
    vec3 q = body - nape;
    float line = -0.085 + 0.115 * smoothstep(-0.05, -0.005, q.z) + 0.035 * smoothstep(0.035, 0.085, q.z);
    c = mix(c, hair, smoothstep(-0.003, 0.004, q.y - line) * step(neck.y + 0.05, body.y));
    vec2 brow = vec2(abs(body.x) - face.x, body.y - face.y - 0.021 + 6.0 * pow(abs(abs(body.x) - face.x), 2.0));
    float brows = (1.0 - smoothstep(0.015, 0.020, abs(brow.x))) * (1.0 - smoothstep(0.0025, 0.0045, abs(brow.y)));
    c = mix(c, hair * 0.8, 0.8 * brows * step(nape.z, body.z));
    vec2 mouth = vec2(body.x / 0.024, (body.y - face.y + 0.071) / 0.0085);
    c = mix(c, skin * vec3(0.80, 0.50, 0.47), 0.7 * (1.0 - smoothstep(0.7, 1.1, length(mouth))) * step(face.z - 0.02, body.z));
    return c;
}

void main() {
    vec3 c; float gloss = 0.10;
    if (layer < 0.5) {
        if (shirt(0.012) || trousers(0.012) || shod(0.01)) discard;
        c = skin_colour();
    } else if (layer < 1.5) {
        gloss = 0.03;
        if (shod(0.0)) { c = body.y < 0.022 ? vec3(0.82) : shoe; }
        else if (shirt(0.0)) c = top;
        else if (trousers(0.0)) c = bottom;
        else discard;
    } else if (layer < 2.5) {
        if (body.y < hair_end || (body.z > nape.z + 0.035 && body.y < face.y + 0.065)) discard;
        c = hair;
    } else if (layer < 3.5) {
        float iris = length((vec2(abs(body.x), body.y) - face.xy));
        c = mix(vec3(0.06, 0.04, 0.03), vec3(0.85), smoothstep(0.0055, 0.0075, iris));
    } else c = vec3(0.05, 0.04, 0.04);
    vec3 n = normalize(facing);
    vec3 v = normalize(eye - at);
    if (dot(n, v) < 0.0 && layer > 0.5) n = -n;
    float key = pow(clamp(dot(n, light) * 0.62 + 0.38, 0.0, 1.0), 1.5);
    vec3 sky = mix(vec3(0.27, 0.23, 0.20), vec3(0.50, 0.53, 0.57), n.y * 0.5 + 0.5);
    float fill = 0.16 * max(dot(n, v), 0.0);
    float shine = gloss * pow(max(dot(normalize(light + v), n), 0.0), 28.0);
    float low = mix(0.72, 1.0, smoothstep(0.0, 0.35, at.y));  // less sky is seen close to the floor
    vec3 lit = c * (key * vec3(0.86, 0.82, 0.76) + sky * low * 0.62 + fill) + shine;
    colour = vec4(pow(clamp(lit, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}
