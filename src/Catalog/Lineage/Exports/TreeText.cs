using System.Text;

namespace Catalog.Lineage.Exports;

/// <summary>Lineage as an indented text: what <c>catalog lineage</c> prints into a pipe.</summary>
internal static class TreeText
{
    public static string Write(LineageExtract lineage)
    {
        var text = new StringBuilder();
        var ended = new List<bool>();
        foreach (var line in LineageOutline.Of(lineage))
        {
            ended.RemoveRange(Math.Min(line.Level, ended.Count), ended.Count - Math.Min(line.Level, ended.Count));
            for (var level = 1; level < line.Level; level++)
                text.Append(ended[level] ? "    " : "│   ");
            if (line.Level > 0)
                text.Append(line.IsLast ? "└── " : "├── ");
            ended.Add(line.IsLast);
            text.Append(line.Text);
            if (line.Relation is { } relation)
                text.Append("  ").Append(relation);
            if (line.Note is { } note)
                text.Append("  (").Append(note).Append(')');
            text.Append('\n');
        }

        return text.ToString();
    }
}
