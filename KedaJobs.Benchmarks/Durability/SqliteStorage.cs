using Microsoft.Data.Sqlite;

namespace KedaJobs.Benchmarks.Durability;

/// <summary>
/// What the log was measured against: a table in write-ahead mode with a flush for each transaction, and one
/// transaction for all that has gathered meanwhile.
/// </summary>
internal sealed class SqliteStorage : IStorage
{
    private readonly object _gate = new();
    private readonly string _path;
    private readonly Thread _thread;
    private SqliteConnection _database;
    private List<(byte[]? Content, long Number, Action Committed)> _waiting = [];
    private List<(byte[]? Content, long Number, Action Committed)> _writing = [];
    private bool _isStopping;
    private long _sent;
    private long _completed;

    public SqliteStorage(string directory)
    {
        _path = Path.Combine(directory, "queue.db");
        _database = Open();
        Execute("CREATE TABLE messages (number INTEGER PRIMARY KEY, content BLOB NOT NULL)");
        _thread = new Thread(Write) { IsBackground = true };
        _thread.Start();
    }

    public string Name => "sqlite, write-ahead log";

    public void Send(byte[] content, Action committed) => Add(content, ++_sent, committed);

    public void Complete(Action committed) => Add(null, ++_completed, committed);

    public int Reopen()
    {
        _database.Dispose();
        SqliteConnection.ClearAllPools();
        _database = Open();
        using var command = _database.CreateCommand();
        command.CommandText = "SELECT number, content FROM messages ORDER BY number";
        using var reader = command.ExecuteReader();
        var messages = new List<byte[]>();
        while (reader.Read())
        {
            messages.Add((byte[])reader.GetValue(1));
        }

        return messages.Count;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _database.Dispose();
    }

    private SqliteConnection Open()
    {
        _database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path }.ToString());
        _database.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        return _database;
    }

    private void Execute(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void Add(byte[]? content, long number, Action committed)
    {
        lock (_gate)
        {
            _waiting.Add((content, number, committed));
            Monitor.Pulse(_gate);
        }
    }

    private void Write()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_waiting.Count == 0)
                {
                    if (_isStopping)
                    {
                        return;
                    }

                    Monitor.Wait(_gate);
                }

                (_waiting, _writing) = (_writing, _waiting);
            }

            Commit();
            _writing.ForEach(entry => entry.Committed());
            _writing.Clear();
        }
    }

    private void Commit()
    {
        using var transaction = _database.BeginTransaction();
        using var insert = _database.CreateCommand();
        insert.CommandText = "INSERT INTO messages (number, content) VALUES ($number, $content)";
        var insertNumber = insert.Parameters.Add("$number", SqliteType.Integer);
        var insertContent = insert.Parameters.Add("$content", SqliteType.Blob);
        using var delete = _database.CreateCommand();
        delete.CommandText = "DELETE FROM messages WHERE number = $number";
        var deleteNumber = delete.Parameters.Add("$number", SqliteType.Integer);
        foreach (var (content, number, _) in _writing)
        {
            if (content is null)
            {
                deleteNumber.Value = number;
                delete.ExecuteNonQuery();
            }
            else
            {
                (insertNumber.Value, insertContent.Value) = (number, content);
                insert.ExecuteNonQuery();
            }
        }

        transaction.Commit();
    }
}
