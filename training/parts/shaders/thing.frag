// Furniture, floor and walls: a texture of the picture's set, dyed.
in vec3 at; in vec3 facing; in vec2 place; in vec3 dye; flat in vec2 made_of;
uniform sampler2DArray materials;
layout(location = 0) out vec4 colour; layout(location = 1) out vec4 ident;
void main() {
    vec3 c = dye * paint(texture(materials, vec3(place, made_of.x)).rgb);
    vec3 n = normalize(facing);
    if (!gl_FrontFacing) n = -n;
    colour = seen(lit(c, n, at, made_of.y));
    ident = vec4(0.0, 0.0, 0.0, 1.0);
}
