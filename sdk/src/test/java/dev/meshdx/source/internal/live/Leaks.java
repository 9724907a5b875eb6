package dev.meshdx.source.internal.live;

import java.util.List;

/** What a source must not leave behind. */
final class Leaks {
    private Leaks() {}

    /** Threads of ours that still live after a second of grace. */
    static List<String> threads(String prefix) throws InterruptedException {
        List<String> left = List.of();
        for (int i = 0; i < 100; i++) {
            left = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith(prefix))
                    .map(Thread::getName)
                    .sorted()
                    .toList();
            if (left.isEmpty()) {
                return left;
            }
            Thread.sleep(10);
        }
        return left;
    }
}
