namespace Catalog.Lineage;

/// <summary>How far a question about lineage may go. The server refuses more; clients say so before they ask.</summary>
public static class LineageBounds
{
    public const int DefaultDepth = 20;

    /// <summary>Steps. None at all is a question, too: what a name stands for.</summary>
    public const int MaxDepth = 1_000;

    public const int DefaultLimit = 1_000;

    /// <summary>Nodes of an answer; of an explanation, facts.</summary>
    public const int MaxLimit = 10_000;
}
