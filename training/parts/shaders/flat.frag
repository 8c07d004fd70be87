#version 330
// A picture behind everything.
in vec2 place;
uniform sampler2D picture; uniform vec2 stretch;
layout(location = 0) out vec4 colour; layout(location = 1) out vec4 ident;
void main() { colour = vec4(texture(picture, place * stretch).rgb, 1.0); ident = vec4(0.0, 0.0, 0.0, 1.0); }
