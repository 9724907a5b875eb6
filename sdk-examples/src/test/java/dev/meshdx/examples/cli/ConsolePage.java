package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.testkit.FakeMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands of a page in {@code docs}, each with what it prints; … stands for lines, or the rest of one, that are left out. */
final class ConsolePage {
    private static final Pattern BLOCK = Pattern.compile("```console\n\\$ meshdx ([^\n]*)\n(.*?)```\n", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private ConsolePage() {}

    /**
     * Runs them all against a fake mesh.
     *
     * @param folder for its kubeconfig
     * @return how many there are
     */
    static int run(Path page, FakeMesh cluster, Path folder) throws IOException {
        return run(page, cluster.writeKubeconfig(folder.resolve("kubeconfig")), UnaryOperator.identity());
    }

    /**
     * Runs them all.
     *
     * @param word what a word of a command line stands for, such as a file
     * @return how many there are
     */
    static int run(Path page, Path kubeconfig, UnaryOperator<String> word) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(page));
        int blocks = 0;
        while (block.find()) {
            blocks++;
            List<String> args = new ArrayList<>();
            Matcher words = WORD.matcher(block.group(1));
            while (words.find()) {
                args.add(word.apply(words.group(1) == null ? words.group(2) : words.group(1)));
            }
            if (!args.contains("--config-dump")) {
                args.add("--kubeconfig=" + kubeconfig);
            }
            Run run = Run.meshdx(args.toArray(String[]::new));
            assertThat(run.out() + run.err())
                    .as("what is printed by: meshdx %s", block.group(1))
                    .matches(expression(block.group(2)));
        }
        return blocks;
    }

    private static Pattern expression(String output) {
        StringBuilder expression = new StringBuilder();
        for (String line : output.split("\n", -1)) {
            if (line.equals("…")) {
                expression.append("(?:[^\n]*\n)*?");
            } else if (!line.isEmpty()) {
                for (String part : line.split("(?<=…)|(?=…)")) {
                    expression.append(part.equals("…") ? "[^\n]*" : Pattern.quote(part));
                }
                expression.append(" *\n+");
            }
        }
        return Pattern.compile(expression.toString(), Pattern.DOTALL);
    }
}
