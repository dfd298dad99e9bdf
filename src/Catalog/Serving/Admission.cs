namespace Catalog.Serving;

/// <param name="LookupsInFlight">Lookups that one server answers at a time; null for 64 for each processor.</param>
public sealed record AdmissionOptions(int? LookupsInFlight);

/// <summary>
/// How many lookups are answered at once. One more would make all of them wait longer; who is told so at once can ask another server.
/// </summary>
internal sealed class Admission(AdmissionOptions options)
{
    private readonly int _most = options.LookupsInFlight ?? 64 * Environment.ProcessorCount;
    private int _inFlight;

    /// <summary>Lookups that are being answered.</summary>
    public int InFlight => Math.Min(Volatile.Read(ref _inFlight), _most);

    /// <summary>How many may be at a time.</summary>
    public int Limit => _most;

    /// <summary>Lets a lookup in, if there is room; it has to <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inFlight) <= _most)
            return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inFlight);
}
