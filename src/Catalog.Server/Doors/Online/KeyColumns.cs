using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Serving;

namespace Catalog.Server.Doors.Online;

/// <summary>The columns of a request: for each key of the plan, its values. Reusable.</summary>
internal sealed class KeyColumns
{
    private readonly List<KeyColumn> _columns = [];
    private readonly List<int> _order = [];
    private ReadPlan? _plan;
    private string _field = "keys";

    /// <summary>Rows asked for; one where nothing has a key.</summary>
    public int Rows => _order.Count == 0 ? 1 : _columns[_order[0]].Count;

    /// <summary>Which keys the request gave, in its order.</summary>
    public IReadOnlyList<int> Order => _order;

    private ReadPlan Plan => _plan ?? throw new InvalidOperationException("Nothing is asked yet.");

    public KeyColumn this[int key] => _columns[key];

    /// <param name="plan">Whose keys they are.</param>
    /// <param name="field">What requests call the keys, for errors.</param>
    public void Begin(ReadPlan plan, string field)
    {
        (_plan, _field) = (plan, field);
        _order.Clear();
        while (_columns.Count < plan.Keys.Count)
            _columns.Add(new());
    }

    /// <summary>The column of a key, empty, to be filled.</summary>
    /// <exception cref="ProblemException">The request gave it before.</exception>
    public KeyColumn Add(int key)
    {
        var wanted = Plan.Keys[key];
        if (_order.Contains(key))
            throw Wrong(wanted, $"'{wanted.Name}' is given twice.");
        _order.Add(key);
        _columns[key].Begin(wanted, _field);
        return _columns[key];
    }

    /// <summary>What is wrong with a key that the plan does not have.</summary>
    public ProblemException Unknown(string name) => new(Problem.Field(
        "request.invalid", _field, $"'{name}' is no key of what is asked for: the keys are {KeyList(Plan.Keys)}."));

    /// <summary>To be called when all columns are read.</summary>
    /// <exception cref="ProblemException">A key is missing, or columns are not of the same length.</exception>
    public void Complete()
    {
        for (var key = 0; key < Plan.Keys.Count; key++)
        {
            if (!_order.Contains(key))
            {
                throw Wrong(
                    Plan.Keys[key], $"'{Plan.Keys[key].Name}' must be given: what is asked for is found by {KeyList(Plan.Keys)}.");
            }
        }

        foreach (var key in _order)
        {
            if (_columns[key].Count != Rows)
            {
                throw Wrong(
                    Plan.Keys[key],
                    $"'{Plan.Keys[key].Name}' has {_columns[key].Count} values and '{Plan.Keys[_order[0]].Name}' has {Rows}: "
                    + "each must have one for each row.");
            }
        }
    }

    /// <summary>Hands the keys to a lookup, in the order of the rows.</summary>
    public void Fill(OnlineRead read)
    {
        for (var view = 0; view < Plan.Views.Count; view++)
            Fill(read.KeysOf(view), Plan.Views[view].KeyPlaces);
    }

    private void Fill(KeyBatch keys, IReadOnlyList<int> places)
    {
        if (keys.AreNumbers)
        {
            _columns[places[0]].FillNumbers(keys);
            return;
        }

        for (var row = 0; row < Rows; row++)
        {
            foreach (var place in places)
                _columns[place].FillPart(keys, row);
            keys.EndKey();
        }
    }

    private static string KeyList(IReadOnlyList<EntityKey> keys) =>
        keys.Count == 0 ? "none" : string.Join(", ", keys.Select(k => $"{k.Name} ({k.Type})"));

    private ProblemException Wrong(EntityKey key, string what) => new(Problem.Field("request.invalid", $"{_field}.{key.Name}", what));
}
