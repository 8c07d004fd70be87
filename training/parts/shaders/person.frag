// Skin, clothes, hair and face by where a point lies on the body at rest; its part and person beside it.
in vec3 at; in vec3 facing; in vec3 body; in float arm; flat in float layer; in float reach; flat in float chain;
uniform float person;
uniform vec3 skin; uniform vec3 hair; uniform vec3 shoe; uniform vec3 sock; uniform vec3 glove; uniform vec3 cap;
uniform vec3 neck; uniform float opening;  // middle and radius of the neckline
uniform vec3 face;      // middle of the left eye
uniform vec3 nape;      // middle of the head
uniform float top_low; uniform float sleeve;
uniform float waist; uniform float hem;
uniform float shoe_top; uniform float sock_top;
uniform float skirt_hem; uniform float skirt_like_top;
uniform float hair_line; uniform float hair_end; uniform float beard; uniform float cap_line;
uniform float tail_end; uniform float glasses;
uniform sampler2DArray cloths; uniform sampler2D folds;  // first the top, then the bottom
uniform float under;  // skin so far within the edge of a garment is hidden
uniform vec2 cloth_scale; uniform float fold_depth; uniform float has_gloves;
layout(location = 0) out vec4 colour; layout(location = 1) out vec4 ident;

bool shirt(float spare) {
    float open = length((body - neck) * vec3(1.0, 0.9, 0.8));
    return body.y > top_low + spare && arm <= sleeve - spare * 3.0 && open > opening + spare && body.y < neck.y + 0.03 - spare;
}
bool trousers(float spare) { return body.y <= waist - spare && body.y > hem + spare && arm < 0.02; }
bool shod(float spare) { return body.y < shoe_top - spare; }
bool socked(float spare) { return body.y < sock_top - spare; }
vec2 weave() { return vec2(body.x + 0.8 * body.z + 0.5 * arm, body.y + 0.3 * body.z); }

// The chains are those of labels.py: 0 head, 1 and 2 the arms, 3 and 4 the legs, left first.
float part() {
    float out_by = floor(reach + 0.5);
    if (out_by < 0.5) return 2.0;
    if (chain < 0.5) return 1.0;
    return (chain < 2.5 ? 2.0 : 6.0) + chain + 2.0 * (out_by - 1.0);
}

vec3 skin_colour(float spot) {
    vec3 c = skin * (0.93 + 0.14 * spot);
    if (has_gloves > 0.5 && chain > 0.5 && chain < 2.5 && reach > 2.4) return glove;
    vec3 q = body - nape;
    float line = hair_line - 0.085 + 0.115 * smoothstep(-0.05, -0.005, q.z) + 0.035 * smoothstep(0.035, 0.085, q.z);
    c = mix(c, hair * (0.7 + 0.6 * spot), smoothstep(-0.004, 0.006, q.y - line + 0.02 * (spot - 0.5)) * step(neck.y + 0.05, body.y));
    vec2 brow = vec2(abs(body.x) - face.x, body.y - face.y - 0.021 + 6.0 * pow(abs(abs(body.x) - face.x), 2.0));
    float brows = (1.0 - smoothstep(0.015, 0.020, abs(brow.x))) * (1.0 - smoothstep(0.0025, 0.0045, abs(brow.y)));
    c = mix(c, hair * 0.7, 0.8 * brows * step(nape.z, body.z));
    vec2 mouth = vec2(body.x / 0.024, (body.y - face.y + 0.071) / 0.0085);
    c = mix(c, skin * vec3(0.80, 0.50, 0.47), 0.7 * (1.0 - smoothstep(0.7, 1.1, length(mouth))) * step(face.z - 0.02, body.z));
    vec2 lens = vec2(abs(body.x) - face.x, body.y - face.y) / vec2(0.027, 0.019);
    c = mix(c, vec3(0.02), glasses * (1.0 - smoothstep(0.9, 1.1, dot(lens, lens))) * step(nape.z + 0.02, body.z));
    float chin = smoothstep(0.05, 0.075, face.y - body.y) * step(nape.z - 0.01, body.z) * step(neck.y + 0.045, body.y);
    return mix(c, hair, beard * chin * smoothstep(0.9, 1.3, length(mouth)));
}

void main() {
    vec3 c; float gloss = 0.08; float deep = 0.0; float spot = 0.5; float woven = -1.0;
    if (layer < 2.5) spot = texture(folds, layer > 1.5 ? vec2(body.x * 40.0, body.y * 3.0) : weave() * 3.0).b;
    if (layer < 0.5) {
        if (shirt(under) || trousers(under) || shod(0.01) || socked(0.01)) discard;
        c = skin_colour(spot);
    } else if (layer < 1.5) {
        gloss = 0.02;
        if (shod(0.0)) c = body.y < 0.022 ? sock * 0.8 : shoe;
        else if (shirt(0.0)) woven = 0.0;
        else if (trousers(0.0)) woven = 1.0;
        else if (socked(0.0)) c = sock;
        else discard;
    } else if (layer < 2.5) {
        bool capped = body.y > cap_line;
        bool tail = body.y > tail_end && body.z < nape.z - 0.02 && abs(body.x) < 0.045;
        if (!capped && !tail && (body.y < hair_end || (body.z > nape.z + 0.035 && body.y < face.y + 0.065))) discard;
        c = capped ? cap : hair * (0.6 + 0.8 * spot);
    } else if (layer < 3.5) {
        float iris = length((vec2(abs(body.x), body.y) - face.xy));
        c = mix(vec3(0.06, 0.04, 0.03), vec3(0.85), smoothstep(0.0055, 0.0075, iris));
    } else if (layer < 4.5) c = vec3(0.05, 0.04, 0.04);
    else {
        if (body.y < skirt_hem) discard;
        woven = 1.0 - skirt_like_top; gloss = 0.02;
    }
    vec3 n = normalize(facing);
    if (!gl_FrontFacing) n = -n;
    if (woven > -0.5) {
        c = paint(texture(cloths, vec3(weave() * (woven < 0.5 ? cloth_scale.x : cloth_scale.y), woven)).rgb);
        n = normalize(n + fold_depth * (texture(folds, vec2(body.x * 2.3 + body.z * 1.7 + arm, body.y * 1.4)).rgb - 0.5));
    }
    colour = seen(lit(c, n, at, gloss));
    ident = vec4(part() / 255.0, person / 255.0, 0.0, 1.0);
}
