package dev.meshdx;

import java.util.Map;
import java.util.TreeMap;

/** Labels as kubectl takes them: {@code app=web,version=v1}. */
final class LabelText {
    private LabelText() {}

    static Map<String, String> parse(String text) {
        Map<String, String> labels = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            if (part.isBlank()) {
                continue;
            }
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "\"" + part.trim() + "\" is not a label such as app=web; only equality is offered here");
            }
            int value = part.startsWith("==", equals) ? equals + 2 : equals + 1;
            labels.put(part.substring(0, equals).trim(), part.substring(value).trim());
        }
        return labels;
    }
}
