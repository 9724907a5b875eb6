package dev.meshdx.testing;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * What users see and no comment explains: public types and members, components of records, constants of enums. Reads the
 * sources with the compiler's own parser.
 */
public final class DocComments {
    private DocComments() {}

    /** The places without a comment in the packages, as {@code File.java:12 name}. */
    public static Set<String> missing(Path sources, Set<String> packages) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            List<Path> files = files(sources, packages);
            JavacTask task = (JavacTask) compiler.getTask(
                    null,
                    manager,
                    diagnostic -> {},
                    List.of("-proc:none"),
                    null,
                    manager.getJavaFileObjectsFromPaths(files));
            Set<String> missing = new TreeSet<>();
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(unit, DocTrees.instance(task), missing).scan(unit, null);
            }
            return missing;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path sources, Set<String> packages) throws IOException {
        try (Stream<Path> walk = Files.walk(sources)) {
            return walk.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("module-info.java") && !file.endsWith("package-info.java"))
                    .filter(file -> packages.contains(sources.relativize(file.getParent())
                            .toString()
                            .replace(file.getFileSystem().getSeparator(), ".")))
                    .sorted()
                    .toList();
        }
    }

    private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final DocTrees trees;
        private final Set<String> missing;

        Scanner(CompilationUnitTree unit, DocTrees trees, Set<String> missing) {
            this.unit = unit;
            this.trees = trees;
            this.missing = missing;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
            if (!isVisible(type.getModifiers()) || isMarked(type.getModifiers(), "Internal")) {
                return null;
            }
            DocCommentTree comment = require(type.getSimpleName().toString());
            if (type.getKind() == Tree.Kind.RECORD && comment != null) {
                Set<String> explained = comment.getBlockTags().stream()
                        .filter(ParamTree.class::isInstance)
                        .map(tag -> ((ParamTree) tag).getName().toString())
                        .collect(Collectors.toSet());
                for (Tree member : type.getMembers()) {
                    if (member instanceof VariableTree component
                            && !component.getModifiers().getFlags().contains(Modifier.STATIC)
                            && !explained.contains(component.getName().toString())) {
                        report(type.getSimpleName() + " @param " + component.getName());
                    }
                }
            }
            return super.visitClass(type, unused);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
            if (isVisible(method.getModifiers()) && !isMarked(method.getModifiers(), "Override")) {
                require(method.getName().toString());
            }
            return null;
        }

        @Override
        public @Nullable Void visitVariable(VariableTree field, @Nullable Void unused) {
            if (isVisible(field.getModifiers())) {
                require(field.getName().toString());
            }
            return null;
        }

        private static boolean isMarked(ModifiersTree modifiers, String annotation) {
            return modifiers.getAnnotations().stream()
                    .map(AnnotationTree::getAnnotationType)
                    .anyMatch(type -> type.toString().equals(annotation));
        }

        /** Members of interfaces are public without saying so. */
        private boolean isVisible(ModifiersTree modifiers) {
            Tree parent = getCurrentPath().getParentPath().getLeaf();
            boolean inInterface =
                    parent.getKind() == Tree.Kind.INTERFACE || parent.getKind() == Tree.Kind.ANNOTATION_TYPE;
            Set<Modifier> flags = modifiers.getFlags();
            return flags.contains(Modifier.PUBLIC)
                    || flags.contains(Modifier.PROTECTED)
                    || (inInterface && !flags.contains(Modifier.PRIVATE));
        }

        private @Nullable DocCommentTree require(String name) {
            TreePath path = getCurrentPath();
            DocCommentTree comment = trees.getDocCommentTree(path);
            if (comment == null || comment.getFullBody().isEmpty()) {
                report(name);
            }
            return comment;
        }

        private void report(String what) {
            long start = trees.getSourcePositions()
                    .getStartPosition(unit, getCurrentPath().getLeaf());
            String file = Path.of(unit.getSourceFile().toUri()).getFileName().toString();
            missing.add(file + ":" + unit.getLineMap().getLineNumber(start) + " " + what);
        }
    }
}
