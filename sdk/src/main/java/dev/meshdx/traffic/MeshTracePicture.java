package dev.meshdx.traffic;

import java.util.List;
import java.util.Optional;

/** The hops of a trace as a tree of text and as a Mermaid flow chart. */
final class MeshTracePicture {
    private static final int NEAR_MISSES = 2;

    private MeshTracePicture() {}

    // ---------------------------------------------------------------- text

    static String tree(MeshTrace trace) {
        StringBuilder text = new StringBuilder();
        hop(text, trace.first(), "", "");
        return text.toString().stripTrailing();
    }

    private static void hop(StringBuilder text, Hop hop, String before, String indent) {
        text.append(before)
                .append(hop.isEnd() && !hop.isServed() ? "X " : "")
                .append(hop.role())
                .append(' ')
                .append(hop.name())
                .append(": ")
                .append(hop.because())
                .append('\n');
        String inner = indent + (hop.next().isEmpty() ? "    " : "│   ");
        hop.trace().ifPresent(trace -> {
            trace.steps().stream()
                    .filter(step -> !step.what().equals("route configuration"))
                    .forEach(step -> line(text, inner, step.toString()));
            trace.filters().stream()
                    .filter(effect -> effect.effect() != FilterEffect.Effect.PASSES)
                    .forEach(effect -> line(text, inner, "filter " + effect));
            trace.upstreams().forEach(upstream -> line(text, inner, "upstream " + upstream));
            trace.alternatives().forEach(other -> line(text, inner, "or, " + other));
            trace.nearMisses().stream().limit(NEAR_MISSES).forEach(miss -> line(text, inner, "near miss: " + miss));
        });
        hop.sources().forEach(source -> line(text, inner, "by " + source));
        hop.notes().forEach(note -> line(text, inner, "note: " + note));
        List<Hop> next = hop.next();
        for (int i = 0; i < next.size(); i++) {
            boolean last = i == next.size() - 1;
            Optional<Crossing> crossing = next.get(i).crossing();
            String branch = indent + (last ? "└─ " : "├─ ");
            String way = crossing.map(one -> arrow(one) + " ").orElse("");
            hop(text, next.get(i), branch + way, indent + (last ? "    " : "│   "));
        }
    }

    private static void line(StringBuilder text, String indent, String line) {
        text.append(indent).append("  ").append(line).append('\n');
    }

    private static String arrow(Crossing crossing) {
        String share = crossing.share() < 100 ? Upstream.percent(crossing.share()) + " " : "";
        return share + crossing + " ->";
    }

    // ---------------------------------------------------------------- Mermaid

    static String flow(MeshTrace trace) {
        StringBuilder text = new StringBuilder("flowchart LR\n");
        List<Hop> hops = trace.hops();
        for (int i = 0; i < hops.size(); i++) {
            Hop hop = hops.get(i);
            text.append("  h")
                    .append(i)
                    .append("[\"")
                    .append(escape(hop.role().toString()))
                    .append("<br/>")
                    .append(escape(hop.name()));
            hop.trace()
                    .flatMap(one -> one.route().filter(name -> !name.isEmpty()))
                    .ifPresent(route -> text.append("<br/>route ").append(escape(route)));
            if (hop.isEnd()) {
                text.append("<br/>").append(escape(hop.because()));
            }
            text.append("\"]");
            text.append(!hop.isEnd() ? "" : hop.isServed() ? ":::served" : ":::failed");
            text.append('\n');
        }
        arrows(text, hops);
        text.append("  classDef served stroke:#2e7d32,stroke-width:2px\n");
        text.append("  classDef failed stroke:#c62828,stroke-width:3px\n");
        return text.toString();
    }

    private static void arrows(StringBuilder text, List<Hop> hops) {
        for (int i = 0; i < hops.size(); i++) {
            for (Hop next : hops.get(i).next()) {
                String label = next.crossing()
                        .map(crossing -> (crossing.share() < 100 ? Upstream.percent(crossing.share()) + " " : "")
                                + crossing.sent()
                                + (crossing.verdict() == Crossing.Verdict.CONFLICT ? ": CONFLICT" : ""))
                        .orElse("");
                boolean failed = next.crossing()
                        .map(crossing -> crossing.verdict() == Crossing.Verdict.CONFLICT)
                        .orElse(false);
                text.append("  h")
                        .append(i)
                        .append(failed ? " -.-x" : " -->")
                        .append("|\"")
                        .append(escape(label))
                        .append("\"| h")
                        .append(index(hops, next))
                        .append('\n');
            }
        }
    }

    private static int index(List<Hop> hops, Hop wanted) {
        for (int i = 0; i < hops.size(); i++) {
            if (hops.get(i) == wanted) {
                return i;
            }
        }
        return 0;
    }

    /** Names come from clusters and requests: nothing in them may end a label, or be markup. */
    private static String escape(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(160).forEach(c -> {
            switch (c) {
                case '"' -> out.append("#quot;");
                case '<' -> out.append("#lt;");
                case '>' -> out.append("#gt;");
                case '#' -> out.append("#35;");
                case '&' -> out.append("#amp;");
                case '`' -> out.append("#96;");
                case '\n', '\r', '\t' -> out.append(' ');
                default -> out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
