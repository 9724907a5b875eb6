package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import dev.meshdx.logs.internal.line.LineScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The forms of access logs that a reader knows. The usual ones are always among them: Istio's text format (and that before Istio 1.9),
 * Envoy's own, JSON with Istio's keys. {@code pod.logs()} adds those that the mesh configuration defines; for a file they are named
 * here. Immutable; safe for use by several threads.
 */
public final class LogFormat {
    private static final LogFormat USUAL = new LogFormat(List.of(), List.of());

    private final List<String> texts;
    private final List<Map<String, String>> objects;

    private LogFormat(List<String> texts, List<Map<String, String>> objects) {
        this.texts = List.copyOf(texts);
        this.objects = List.copyOf(objects);
    }

    /** The usual forms. */
    public static LogFormat usual() {
        return USUAL;
    }

    /**
     * And a text format, as it stands in {@code accessLogFormat} or in {@code logFormat.text} of a provider: constant texts and
     * Envoy's operators, such as {@code [%START_TIME%] %REQ(:METHOD)% %RESPONSE_CODE%}. Operators that say nothing of interest here are
     * passed over. Source: Envoy docs, "Access logging", format strings.
     */
    public LogFormat withText(String format) {
        List<String> more = new ArrayList<>(texts);
        more.add(format);
        return new LogFormat(more, objects);
    }

    /**
     * And a JSON format, as it stands in {@code logFormat.labels} of a provider: keys, and what they hold in the form of
     * {@link #withText}. A key within another one is {@code outer.inner}.
     */
    public LogFormat withJson(Map<String, String> keys) {
        List<Map<String, String>> more = new ArrayList<>(objects);
        more.add(Map.copyOf(keys));
        return new LogFormat(texts, more);
    }

    /** Reads lines so. */
    @Internal
    public LineScanner scanner() {
        return new LineScanner(texts, objects);
    }

    /** How many forms beside the usual ones. */
    @Override
    public String toString() {
        int own = texts.size() + objects.size();
        return "usual log formats" + (own == 0 ? "" : " and " + own + " of the mesh");
    }
}
