using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Catalog.IntegrationTests.Serving;

/// <summary>What a server in this process logs, by the ids of its events.</summary>
/// <param name="isWhole">Whether everything is logged, at every level and by whatever the catalog is built on, and kept.</param>
internal sealed class LogLines(bool isWhole = false) : ILoggerProvider, ILogger
{
    /// <summary>A shared commit was taken apart.</summary>
    public const int TakenApart = 1001;

    /// <summary>A page that had stopped is started again.</summary>
    public const int StartedAgain = 1103;

    /// <summary>Somebody was let read data.</summary>
    private const int Read = 2002;

    private readonly ConcurrentQueue<int> _ids = new();

    /// <summary>What was logged as a warning or an error, by the catalog or by what it is built on.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Who was let read which data, in the catalog's words.</summary>
    public ConcurrentQueue<string> Reads { get; } = new();

    /// <summary>All lines, where they are kept.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    public int Count(int id) => _ids.Count(i => i == id);

    /// <summary>Hands all lines of the catalog's own over.</summary>
    public void AddTo(ILoggingBuilder logging)
    {
        logging.AddProvider(this).AddFilter("Catalog", isWhole ? LogLevel.Trace : LogLevel.Debug);
        if (isWhole)
            logging.SetMinimumLevel(LogLevel.Trace);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _ids.Enqueue(eventId.Id);
        if (isWhole)
            Lines.Enqueue($"{formatter(state, exception)} {state} {exception}");
        if (eventId.Id == Read)
            Reads.Enqueue(formatter(state, exception));
        if (logLevel >= LogLevel.Warning)
            Complaints.Enqueue($"{formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
