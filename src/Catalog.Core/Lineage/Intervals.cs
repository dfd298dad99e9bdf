namespace Catalog.Lineage;

/// <summary>Arithmetic of sets of intervals that do not touch, in the order of time.</summary>
internal static class Intervals
{
    /// <summary>The times in either; what touches becomes one.</summary>
    public static IReadOnlyList<Held> With(IReadOnlyList<Held> held, Held more)
    {
        if (more.From >= more.To)
            return held;
        var together = new List<Held>(held.Count + 1);
        foreach (var one in held)
        {
            if (one.To < more.From || one.From > more.To)
                together.Add(one);
            else
                more = new Held(Math.Min(one.From, more.From), Math.Max(one.To, more.To));
        }

        together.Add(more);
        together.Sort((a, b) => a.From.CompareTo(b.From));
        return together;
    }

    /// <summary>The times in the first that are not in the second.</summary>
    public static IReadOnlyList<Held> Without(IReadOnlyList<Held> held, Held less)
    {
        var left = new List<Held>(held.Count + 1);
        foreach (var one in held)
        {
            if (one.To <= less.From || one.From >= less.To)
            {
                left.Add(one);
                continue;
            }

            if (one.From < less.From)
                left.Add(one with { To = less.From });
            if (one.To > less.To)
                left.Add(one with { From = less.To });
        }

        left.Sort((a, b) => a.From.CompareTo(b.From));
        return left;
    }
}
